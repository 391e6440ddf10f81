"""TFRecord files of SequenceExamples, without TensorFlow."""
