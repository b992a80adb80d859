// Where a row of a tile stands in the batch. A group's rows are padded, so that no tile holds rows of two groups.

fn groupOf(tile: u32) -> u32 { return (batch.firstTile + tile) / batch.tilesPerGroup; }

// From batch.rows on: padding.
fn rowInGroup(tile: u32, row: u32) -> u32 { return (batch.firstTile + tile) % batch.tilesPerGroup * TILE_ROWS + row; }

fn rowOfBatch(tile: u32, row: u32) -> u32 { return groupOf(tile) * batch.rows + rowInGroup(tile, row); }

// Without padding.
fn rowsOfTile(tile: u32) -> u32 { return min(TILE_ROWS, batch.rows - rowInGroup(tile, 0u)); }
