"""Services over the network: one adapter each, over one transport. Nothing here is imported before a service is asked for."""
