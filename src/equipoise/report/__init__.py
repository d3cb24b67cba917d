"""Result rows become tables, figures and one HTML page. Nothing statistical is computed here."""
