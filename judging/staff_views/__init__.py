"""The secretariat's pages, one file per desk."""
