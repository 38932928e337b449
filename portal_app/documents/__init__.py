"""What we hand over: PDFs and mails; owns fpdf. May import: kit."""
