# Make the running router what the records say.

lay_legs
refresh
