"""Reports: what evaluation and the corpora give, as pages and figures."""
