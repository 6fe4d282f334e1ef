"""What it is measured against, one module each; they run in environments of their own."""
