"""The protocol in plain language: everything that its file says, and nothing that it does not, as HTML and PDF."""
