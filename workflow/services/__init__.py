"""One file a use case: what people, imports and the clock may ask of the house."""
