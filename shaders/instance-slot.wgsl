// Where the data of the shape that is traced start: the mesh's own, or its instance's slot behind them.
#ifdef NEURAL_SDF_SLOTS
var<private> sdfTableStart: i32;
var<private> sdfGridStart: i32;
fn sdfEnterSlot() {
  let slot = i32(fragmentInputs.vSdfSlot + 0.5);
  sdfTableStart = slot * SDF_TABLE_STRIDE;
  sdfGridStart = slot * SDF_GRID_STRIDE;
}
#else
const sdfTableStart = 0;
const sdfGridStart = 0;
fn sdfEnterSlot() {}
#endif
