"""The gate: what is held out, how base and tuned model are asked about it, and which one wins."""
