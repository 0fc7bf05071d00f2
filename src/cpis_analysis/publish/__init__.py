"""How anything is set: numbers, tables, blocks, pictures, Word, PDF and workbook. Knows no study."""
