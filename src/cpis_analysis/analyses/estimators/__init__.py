"""What fits each estimator that `methods` describes: rows + specification -> `Fitted`. Loaded when first used."""
