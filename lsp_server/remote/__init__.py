"""Another machine's model: a llama.cpp or OpenAI-compatible server in place of our own engine.

Used only if the user names one (`server` in the settings). The protocol, the rules and the
statistics stay the same; what is sent has passed the same gates against secrets.
"""
