"""The world outside: pages from the web and from disk, each as one reply. Nothing above knows how."""
