"""Files of others: source documents, and tables of claims."""
