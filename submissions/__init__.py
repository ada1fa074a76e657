"""The cities' side: entries, their attachments and receipts."""
