"""What happens to one callback, step by step and in words. Pure, and no secret is ever part of it."""
