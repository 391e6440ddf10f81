"""What the routes answer, one file for each part; `symgen.serve.routes` lists them."""
