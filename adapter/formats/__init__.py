"""How is what travels written: JSON, forms, XML, multipart, charsets, compression?"""
