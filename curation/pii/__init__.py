"""Personal data by a token classifier: one that ships, any other by path, and how ours is trained.

Serving a classifier needs onnxruntime and tokenizers only; training it needs torch and Faker.
"""
