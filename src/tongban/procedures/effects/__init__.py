"""From a row of a rule table to the effects its event records."""
