"""Any vendor's callback as one normalized event; vendors are YAML files."""
