"""One rule, one function: what each small part answers."""
