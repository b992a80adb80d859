#if defined(NEURAL_SDF) && defined(NEURAL_SDF_SLOTS) && defined(INSTANCES)
attribute sdfSlot: f32;
#endif
