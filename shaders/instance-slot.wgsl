// Where the data of the shape that is traced start: the mesh's own, or its instance's slot behind them.
#ifdef NEURAL_SDF_SLOTS
flat varying vSdfSlot: f32;
var<private> sdfGridStart: i32;
fn sdfEnterSlot() -> i32 {
  let slot = i32(fragmentInputs.vSdfSlot + 0.5);
  sdfGridStart = slot * SDF_GRID_STRIDE;
  return slot * SDF_TABLE_STRIDE;
}
#else
const sdfGridStart = 0;
fn sdfEnterSlot() -> i32 {
  return 0;
}
#endif
