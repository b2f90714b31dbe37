"""What people see in a browser: presenters, templates and one stylesheet, without any script of ours but the docs'."""
