"""What goes beyond errors: a module and a function a rule, of the name of its code."""
