"""Primary storage of real hosts: volumes and copies of templates in folders and on servers."""
