"""One file for each method of the protocol: thin translations to and from its types."""
