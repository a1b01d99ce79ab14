"""What may a vendor file say, and is this one right?"""
