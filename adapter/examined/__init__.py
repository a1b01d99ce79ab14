"""What do a spec's own examples say about the spec?"""
