"""The typing replay: lines that later commits added, typed again key by key at a real server."""
