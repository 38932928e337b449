"""Small tools everyone may use. May import: nothing of ours."""
