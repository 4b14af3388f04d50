"""What a CustomResourceDefinition may say."""
