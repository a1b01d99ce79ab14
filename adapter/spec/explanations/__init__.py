"""What does each code mean, and what does it look like wrong and right?"""
