"""Did the vendor really send it?"""
