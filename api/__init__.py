"""The door for people and programs: HTTP in, problems and pages out; it holds no rule."""
