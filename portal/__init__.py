"""The public side of the portal, and the ground that every room stands on."""
