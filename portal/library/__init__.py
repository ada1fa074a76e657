"""What the public reads: results, past winners and the case library."""
