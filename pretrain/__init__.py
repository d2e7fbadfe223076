"""Pretraining: curated documents become a tokenizer, packed windows and a base model."""
