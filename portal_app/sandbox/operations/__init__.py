"""What the sandbox can do, one module per noun."""
