"""Does each stage do what the design says of it?"""
