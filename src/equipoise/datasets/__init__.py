"""Rows from (protocol, snapshot): one a subject, one a subject and end point, one an adverse event."""
