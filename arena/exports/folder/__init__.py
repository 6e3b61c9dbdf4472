"""What stands in the folder of a release: files, tables, ids and the manifest."""
