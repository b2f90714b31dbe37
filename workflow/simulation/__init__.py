"""A virtual cohort: made-up courses of relapsed ALL as facts to import; nobody in it ever lived."""
