"""The plan shown: as text, tables, JSON, one HTML page and a workbook."""
