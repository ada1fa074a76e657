"""The judges' and the secretariat's side: screening, scoring, standings, decisions, publication."""
