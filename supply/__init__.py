"""What symgen is built on: the releases of its lock, their licences, and what is known of them.

make audit    licences of everything installed, then known vulnerabilities of the lock
make sbom     dist/symgen-VERSION.cdx.json, a bill of materials (CycloneDX)
"""
